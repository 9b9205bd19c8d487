-- The newest generation of which a token was used. Until the current one is, the
-- answer that brought it may have been lost, and the token before it is honoured.
ALTER TABLE "sessions" ADD COLUMN "used_generation" INTEGER NOT NULL DEFAULT 0;
-- From before this was kept: taken as used, which is what was assumed until now.
UPDATE "sessions" SET "used_generation" = "generation";
