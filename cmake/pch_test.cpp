// A file to compile the tests' headers for (Rooms.cmake).
