import { useCallback, useEffect, useState } from 'react';
import { useConversation } from '../../data/use-chat-list.ts';
import { useGallery } from '../../data/use-gallery.ts';
import { useAppDispatch, useAppSelector } from '../../state/store.ts';
import { mediaClosed, type OpenedMedia } from '../../state/opened-media-slice.ts';
import { MediaViewer } from './media-viewer.tsx';

/** Pages are asked for this many pictures before they are needed. */
const AHEAD = 4;

/** What was opened anywhere in the app, with the conversation's other pictures beside it. */
export function MediaViewerHost({ opened }: { opened: OpenedMedia }) {
  const dispatch = useAppDispatch();
  const viewerId = useAppSelector((state) => state.auth.viewer?.id);
  const { data: conversation } = useConversation(opened.conversationId);
  const { entries, status, loadOlder, loadNewer } = useGallery(opened.conversationId, opened.seq);
  const [shown, setShown] = useState({ id: opened.attachmentId, index: 0 });
  const found = entries.findIndex(({ attachment }) => attachment.id === shown.id);
  // Deleted while it was looked at: what stood in its place is shown.
  const index = found < 0 ? Math.min(shown.index, entries.length - 1) : found;
  const anchorIndex = Math.max(0, entries.findIndex(({ attachment }) => attachment.id === opened.attachmentId));
  const close = useCallback(() => void dispatch(mediaClosed()), [dispatch]);
  const turn = useCallback(
    (step: -1 | 1) => {
      const next = entries[index + step];
      if (next) setShown({ id: next.attachment.id, index: index + step });
    },
    [entries, index],
  );
  const isGone = status === 'error' || (status === 'success' && entries.length === 0);
  useEffect(() => {
    if (isGone) close();
  }, [isGone, close]);
  useEffect(() => {
    if (status !== 'success') return;
    if (index < AHEAD) loadOlder();
    if (index >= entries.length - AHEAD) loadNewer();
  }, [status, index, entries.length, loadOlder, loadNewer]);
  const entry = entries[index];
  if (!entry) return null;
  const senderName = entry.message.senderId === viewerId ? 'You' : (conversation?.peer.name ?? '');
  return <MediaViewer entries={entries} index={index} anchorIndex={anchorIndex} senderName={senderName} onTurn={turn} onClose={close} />;
}
