-- Identity of this deployment's event log numbering. A restore from backup gives it a new epoch.
CREATE TABLE "deployment" (
  "id" INTEGER PRIMARY KEY DEFAULT 1 CHECK ("id" = 1),
  "epoch" UUID NOT NULL DEFAULT gen_random_uuid(),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now()
);
INSERT INTO "deployment" DEFAULT VALUES;

CREATE TABLE "users" (
  "id" UUID PRIMARY KEY,
  "external_id" TEXT,
  "email" TEXT,
  "phone" TEXT,
  "username" TEXT,
  "name" TEXT NOT NULL,
  "avatar_url" TEXT,
  "password_hash" TEXT,
  -- Words of name and username as searchWords() gives them: one rule for server and device.
  "search" TSVECTOR NOT NULL DEFAULT ''::tsvector,
  "last_seen_at" TIMESTAMPTZ(6),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX "users_external_id_key" ON "users" ("external_id");
CREATE UNIQUE INDEX "users_email_key" ON "users" ("email");
CREATE UNIQUE INDEX "users_phone_key" ON "users" ("phone");
CREATE UNIQUE INDEX "users_username_key" ON "users" ("username");
CREATE INDEX "users_search_idx" ON "users" USING GIN ("search");

CREATE TABLE "sessions" (
  "id" UUID PRIMARY KEY,
  "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "device_name" TEXT NOT NULL,
  -- NULL: made by the server API, cannot be refreshed.
  "refresh_salt" BYTEA,
  -- How often the refresh token was rotated. A token names its generation.
  "generation" INTEGER NOT NULL DEFAULT 0,
  "rotated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "last_used_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "expires_at" TIMESTAMPTZ(6) NOT NULL,
  "revoked_at" TIMESTAMPTZ(6)
);
CREATE INDEX "sessions_user_id_idx" ON "sessions" ("user_id", "last_used_at");

CREATE TABLE "blocks" (
  "blocker_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "blocked_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  PRIMARY KEY ("blocker_id", "blocked_id")
);
CREATE INDEX "blocks_blocked_id_idx" ON "blocks" ("blocked_id");

-- The counter of each user's event log. Updated with every event: room in the
-- page for HOT updates, and vacuumed eagerly, because it bloats within seconds.
CREATE TABLE "event_logs" (
  "user_id" UUID PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE,
  "last_position" BIGINT NOT NULL DEFAULT 0,
  "trimmed_position" BIGINT NOT NULL DEFAULT 0
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);

-- The pair is stored ordered: user_a_id < user_b_id.
CREATE TABLE "conversations" (
  "id" UUID PRIMARY KEY,
  "user_a_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "user_b_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  -- An empty conversation shows only to the one who began it.
  "initiator_id" UUID NOT NULL,
  "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  "last_seq" BIGINT NOT NULL DEFAULT 0,
  -- Messages that user a (b) has not read: by the peer, above their read_seq, not
  -- deleted. Kept here because every send, read and delete holds this row's lock.
  "unread_a" INTEGER NOT NULL DEFAULT 0,
  "unread_b" INTEGER NOT NULL DEFAULT 0,
  "last_activity_at" TIMESTAMPTZ(6) NOT NULL DEFAULT now(),
  -- last_activity_at cut to the hour, which is what the list's indexes hold: an
  -- index on the exact time would make every send update three indexes (no HOT).
  -- The list is read hour by hour and sorted within the hour.
  "activity_hour" TIMESTAMPTZ(0) NOT NULL DEFAULT date_trunc('hour', now(), 'UTC'),
  CHECK ("user_a_id" < "user_b_id")
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0);
CREATE UNIQUE INDEX "conversations_user_a_id_user_b_id_key" ON "conversations" ("user_a_id", "user_b_id");
CREATE INDEX "conversations_user_a_id_activity_hour_idx" ON "conversations" ("user_a_id", "activity_hour" DESC);
CREATE INDEX "conversations_user_b_id_activity_hour_idx" ON "conversations" ("user_b_id", "activity_hour" DESC);

CREATE TABLE "members" (
  "conversation_id" UUID NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
  "delivered_seq" BIGINT NOT NULL DEFAULT 0,
  "read_seq" BIGINT NOT NULL DEFAULT 0,
  "pinned" BOOLEAN NOT NULL DEFAULT false,
  "muted_until" TIMESTAMPTZ(6),
  "archived" BOOLEAN NOT NULL DEFAULT false,
  "draft" TEXT NOT NULL DEFAULT '',
  -- Counts the changes of the four above.
  "settings_version" INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY ("conversation_id", "user_id")
) WITH (fillfactor = 70);

CREATE TABLE "messages" (
  "id" UUID PRIMARY KEY,
  "conversation_id" UUID NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "seq" BIGINT NOT NULL,
  "sender_id" UUID NOT NULL,
  "receiver_id" UUID NOT NULL,
  "client_msg_id" TEXT NOT NULL,
  "type" TEXT NOT NULL,
  "text" TEXT,
  "reply_to_id" UUID,
  "reactions" JSONB,
  "version" INTEGER NOT NULL DEFAULT 0,
  "created_at" TIMESTAMPTZ(6) NOT NULL,
  "edited_at" TIMESTAMPTZ(6),
  "deleted_at" TIMESTAMPTZ(6),
  -- The message's place in the event log of either member: its arrival needs no event row.
  "sender_position" BIGINT NOT NULL,
  "receiver_position" BIGINT NOT NULL,
  -- Words of the text as searchWords() gives them, and '@' + each member's id, so
  -- that one index finds a word among one person's messages.
  "search" TSVECTOR NOT NULL DEFAULT ''::tsvector
);
CREATE UNIQUE INDEX "messages_conversation_id_seq_key" ON "messages" ("conversation_id", "seq");
CREATE UNIQUE INDEX "messages_sender_id_client_msg_id_key" ON "messages" ("sender_id", "client_msg_id");
CREATE UNIQUE INDEX "messages_sender_id_sender_position_key" ON "messages" ("sender_id", "sender_position");
CREATE UNIQUE INDEX "messages_receiver_id_receiver_position_key" ON "messages" ("receiver_id", "receiver_position");
CREATE INDEX "messages_reply_to_id_idx" ON "messages" ("reply_to_id") WHERE "reply_to_id" IS NOT NULL;
-- New entries wait in a list that some insert has to sort in: a short list, so that no insert waits long.
CREATE INDEX "messages_search_idx" ON "messages" USING GIN ("search") WITH (gin_pending_list_limit = 256);

-- When a watermark rose, and to where: gives each message its deliveredAt and readAt.
CREATE TABLE "watermark_advances" (
  "conversation_id" UUID NOT NULL REFERENCES "conversations" ("id") ON DELETE CASCADE,
  "user_id" UUID NOT NULL,
  "kind" TEXT NOT NULL,
  "seq" BIGINT NOT NULL,
  "at" TIMESTAMPTZ(6) NOT NULL,
  PRIMARY KEY ("conversation_id", "user_id", "kind", "seq")
);

-- Every durable change but a message's arrival. Holds references: what they
-- refer to is read as it stands when the event is read.
CREATE TABLE "events" (
  "user_id" UUID NOT NULL REFERENCES "event_logs" ("user_id") ON DELETE CASCADE,
  "position" BIGINT NOT NULL,
  "type" TEXT NOT NULL,
  "conversation_id" UUID NOT NULL,
  "message_id" UUID,
  -- Of a receipt: whose watermark rose, to where, when.
  "member_id" UUID,
  "seq" BIGINT,
  "at" TIMESTAMPTZ(6) NOT NULL,
  PRIMARY KEY ("user_id", "position")
);
