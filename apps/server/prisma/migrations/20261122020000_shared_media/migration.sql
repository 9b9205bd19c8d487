-- The pictures and the files of a conversation, newest first, without reading what lies between them:
-- each index holds the few messages that carry such a thing. The conditions stand word for word in the
-- query (messages-repository.ts), or it would not be served by them.
CREATE INDEX "messages_media_idx" ON "messages" ("conversation_id", "seq")
  WHERE ("attachments" @> '[{"type": "image"}]' OR "attachments" @> '[{"type": "video"}]');
CREATE INDEX "messages_files_idx" ON "messages" ("conversation_id", "seq") WHERE "attachments" @> '[{"type": "file"}]';
