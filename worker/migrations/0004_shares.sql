-- Nobody weighs much more in what all share than the crowd's middle: a pair may be learned by its
-- user's layer and the Q-table (`folded`), and be in the evidence or not (`shared`).

ALTER TABLE pairs ADD COLUMN shared INTEGER;        -- reward in thousandths; NULL: not in the evidence
UPDATE pairs SET shared = folded WHERE folded IS NOT NULL;
CREATE INDEX pairs_to_unshare ON pairs (week) WHERE folded IS NULL AND shared IS NOT NULL;
