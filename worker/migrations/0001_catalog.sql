-- The site's own catalog: what recommendations are made of when no outside provider is asked.
CREATE TABLE catalog_items (
  id TEXT PRIMARY KEY,
  content_type TEXT NOT NULL,
  title TEXT NOT NULL,
  creator TEXT NOT NULL,
  genres TEXT NOT NULL, -- a JSON array of words, the first being the main one
  energy REAL NOT NULL, -- 0..1
  valence REAL NOT NULL, -- 0..1
  popularity REAL NOT NULL, -- 0..100
  url TEXT NOT NULL,
  thumbnail TEXT
) STRICT;

-- Candidates are asked for by bands of energy and popularity within a content type.
CREATE INDEX catalog_items_by_energy ON catalog_items (content_type, energy);
CREATE INDEX catalog_items_by_popularity ON catalog_items (content_type, popularity);
