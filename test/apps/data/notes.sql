CREATE TABLE IF NOT EXISTS notes (title TEXT);
INSERT INTO notes VALUES ('first; of two'), ('second');
