-- Nodes whose deliveries may not have reached the others, and when that was last so.
CREATE TABLE fanout_lapses (
  node_id text PRIMARY KEY,
  at timestamptz(6) NOT NULL
);
