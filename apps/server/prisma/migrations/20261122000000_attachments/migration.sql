-- A file on its way to becoming an attachment or a photo, and what it became.
-- Its row outlives its owner and its message until the bytes are removed.
CREATE TABLE "uploads" (
  "id" UUID PRIMARY KEY,
  "owner_id" UUID REFERENCES "users" ("id") ON DELETE SET NULL,
  "kind" TEXT NOT NULL,
  -- uploading, processing, ready, rejected
  "status" TEXT NOT NULL DEFAULT 'uploading',
  "name" TEXT NOT NULL,
  "declared_type" TEXT NOT NULL,
  "size_bytes" BIGINT NOT NULL,
  "sha256" TEXT,
  -- What the sender said of a video: { width, height, durationMs, placeholder }.
  "video" JSONB,
  -- Where the bytes are put, and the parts that were reported there: [{ partNumber, sizeBytes, etag }].
  "incoming_key" TEXT NOT NULL,
  "parts_id" TEXT,
  "parts" JSONB NOT NULL DEFAULT '[]',
  -- When ready: what it is, and the keys of everything made of it.
  "content" JSONB,
  "reason" TEXT,
  -- The message it is attached to, once for ever.
  "message_id" UUID,
  -- NULL: in no message and no photo, to be removed some time after created_at.
  "used_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now()
);
-- What one person has stored, for the quota.
CREATE INDEX "uploads_owner_id_idx" ON "uploads" ("owner_id") INCLUDE ("size_bytes");
CREATE INDEX "uploads_unused_idx" ON "uploads" ("created_at") WHERE "used_at" IS NULL;
CREATE UNIQUE INDEX "uploads_incoming_key_key" ON "uploads" ("incoming_key");
CREATE INDEX "uploads_message_id_idx" ON "uploads" ("message_id") WHERE "message_id" IS NOT NULL;

-- Copied from uploads.content when the message was stored: a page is read without a join.
ALTER TABLE "messages" ADD COLUMN "attachments" JSONB;

ALTER TABLE "users" ADD COLUMN "avatar_upload_id" UUID;
