CREATE TABLE notes (title TEXT);
INSERT INTO notes VALUES ('second'), ('first; of two');
