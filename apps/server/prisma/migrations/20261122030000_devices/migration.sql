-- Whether pushes may have to go to this user: read with the lock that every send
-- takes anyway, so that users without a device cost a send nothing. Never false
-- while a device is registered; may stay true for a while after the last one went.
ALTER TABLE "event_logs" ADD COLUMN "has_devices" BOOLEAN NOT NULL DEFAULT false;

-- The highest seq for which a push was sent to this member's devices.
ALTER TABLE "members" ADD COLUMN "pushed_seq" BIGINT NOT NULL DEFAULT 0;

-- Where the app of a session can be woken. Goes with the session.
CREATE TABLE "devices" (
  "id" UUID PRIMARY KEY,
  "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "session_id" UUID NOT NULL REFERENCES "sessions" ("id") ON DELETE CASCADE,
  -- ios, android, web
  "platform" TEXT NOT NULL,
  -- Of APNs or FCM; on the web the subscription as the browser gave it, as JSON.
  "token" TEXT NOT NULL,
  -- SHA-256 of what names the installation: tokens are too long for an index.
  "token_hash" BYTEA NOT NULL,
  "app_id" TEXT,
  "renewed_at" TIMESTAMPTZ(6) NOT NULL
);
CREATE UNIQUE INDEX "devices_session_id_key" ON "devices" ("session_id");
CREATE UNIQUE INDEX "devices_token_hash_key" ON "devices" ("token_hash");
CREATE INDEX "devices_user_id_idx" ON "devices" ("user_id");

-- What is looked at when its time has come: a message that no device may have
-- acknowledged (kind message), or a reading after which notifications are to go
-- (kind read). Written in the transaction that causes it, gone seconds later:
-- vacuumed eagerly. No foreign keys: they would cost every send, and a row whose
-- user is gone finds no device.
CREATE TABLE "due_pushes" (
  "due_at" TIMESTAMPTZ(6) NOT NULL,
  "user_id" UUID NOT NULL,
  "conversation_id" UUID NOT NULL,
  "seq" BIGINT NOT NULL,
  "kind" TEXT NOT NULL,
  PRIMARY KEY ("due_at", "conversation_id", "user_id", "seq", "kind")
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
