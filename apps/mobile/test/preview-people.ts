import type { PendingMessage } from '@couplet/client';
import type { ClientMsgId, Conversation, ConversationId, Message, MessageId, User, UserId } from '@couplet/protocol';
import { sampleId, samplePending, VIEWER } from './samples.ts';

/** One line of a sample conversation: minutes ago, whose, and what. */
type Line = [ago: number, who: 'me' | 'peer', text: string, over?: Partial<Message>];

export interface PreviewPerson {
  user: User;
  isOnline: boolean;
  conversation: Partial<Conversation>;
  lines: Line[];
  /** Messages before the lines, to page through. */
  history?: number;
  pending?: (conversationId: ConversationId) => PendingMessage[];
}

const DAY = 24 * 60;

function person(number: number, name: string, username: string): User {
  return { id: sampleId(500 + number * 7) as UserId, name, username, avatarUrl: null };
}

export const PREVIEW_PEOPLE: readonly PreviewPerson[] = [
  {
    user: person(0, 'Mara Lindqvist', 'mara'),
    isOnline: true,
    conversation: { unreadCount: 2, peerDeliveredSeq: 2_011, peerReadSeq: 2_009 },
    history: 2_000,
    lines: [
      [DAY + 300, 'peer', 'I read the whole of it again last night. The second line of every couplet should answer the first, not repeat it.'],
      [DAY + 298, 'me', '👏'],
      [DAY + 297, 'me', 'Agreed. Two lines, two voices.'],
      [320, 'peer', 'Morning! Did the proofs arrive?'],
      [319, 'peer', 'The printer swears he sent them Friday.'],
      [312, 'me', 'They did, and two of them are gorgeous', { reactions: [{ userId: sampleId(500) as UserId, emoji: '😍' }] }],
      [311, 'me', 'Looking at them in daylight now', { replyTo: { messageId: sampleId(60_003) as MessageId, seq: 2_004, senderId: sampleId(500) as UserId, type: 'text', excerpt: 'Morning! Did the proofs arrive?' } }],
      [309, 'me', 'Here is the whole set: https://example.org/couplets/proofs?set=3', { editedAt: '2026-11-18T12:00:00.000Z' }],
      [308, 'me', 'Wrong address', { deletedAt: '2026-11-18T12:00:00.000Z', text: undefined }],
      [306, 'me', 'Tell me which red you like.'],
      [305, 'me', 'Both?'],
      [4, 'peer', 'Oh that is lovely. Keep the red, it is exactly the poem'],
      [3, 'peer', 'Can you send me the print file too?'],
    ],
  },
  { user: person(1, 'Tomás Oyelaran', 'tomas'), isOnline: true, conversation: { peerDeliveredSeq: 9, peerReadSeq: 9, pinned: true }, lines: [[31, 'peer', 'Where do I find them?'], [30, 'me', 'The keys are under the blue pot']] },
  { user: person(2, 'Ines Kobayashi', 'ines'), isOnline: false, conversation: { unreadCount: 1 }, lines: [[48, 'peer', 'Photo from the harbour, as promised 🌊']] },
  { user: person(3, 'Priya Raman', 'priya'), isOnline: true, conversation: { draft: 'I could also do Thursday if that suits you better' }, lines: [[130, 'peer', 'Wednesday is full, I am afraid.']] },
  {
    user: person(4, 'Dr. Achterberg', 'achterberg'),
    isOnline: false,
    conversation: { peerDeliveredSeq: 1, peerReadSeq: 1 },
    lines: [[DAY + 60, 'peer', 'Your results are in, all fine. We can talk about the rest on Thursday.']],
    pending: (conversationId) => [
      samplePending('w1', { conversationId, text: 'Thank you, that is a relief', createdAt: Date.now() - 60_000, state: { status: 'failed', code: 'blocked', message: 'You cannot write to this person.' } }),
      samplePending('w2', { conversationId, text: 'See you on Thursday then', createdAt: Date.now() - 30_000 }),
    ],
  },
  { user: person(5, 'Jonas Weil', 'jonas'), isOnline: false, conversation: {}, lines: [[DAY + 400, 'me', 'On the train, no signal until Basel']] },
  { user: person(6, 'Lucía Ferrán', 'lucia'), isOnline: false, conversation: { unreadCount: 14, mutedUntil: '2099-01-01T00:00:00.000Z' }, lines: Array.from({ length: 15 }, (_, index): Line => [3 * DAY - index, 'peer', index === 14 ? 'Voice of reason: sleep first, decide tomorrow' : `Thought number ${index + 1}`]) },
  { user: person(7, 'Noor Haddad', 'noor'), isOnline: false, conversation: { peerDeliveredSeq: 4 }, lines: [[4 * DAY, 'me', 'The invoice is on its way']] },
  { user: person(8, 'Élodie Martin', 'elodie'), isOnline: true, conversation: {}, lines: [[6 * DAY, 'peer', 'À bientôt !']] },
  { user: person(9, 'Aleksandr Wojciechowski-Brandenburg', 'aleks'), isOnline: false, conversation: { peerDeliveredSeq: 1 }, lines: [[40 * DAY, 'me', 'A name that does not fit into one line, and a message that does not either']] },
  {
    user: person(11, 'سامي عودة', 'sami'),
    isOnline: true,
    conversation: { peerDeliveredSeq: 6, peerReadSeq: 4 },
    lines: [
      [55, 'peer', 'مرحبا'],
      [54, 'peer', 'وصلت إلى المحطة قبل قليل، والقطار التالي بعد ساعة كاملة، فهل نلتقي في المقهى القديم؟'],
      [53, 'me', 'نعم'],
      [52, 'me', 'The old café, by the fountain. مقهى النافورة'],
      [51, 'me', 'سأكون هناك بعد عشر دقائق'],
      [20, 'me', 'طلبت لك قهوة'],
      [19, 'me', 'بدون سكر كما تحب، أليس كذلك؟ والكعكة التي ذكرتها المرة الماضية ما زالت موجودة عندهم'],
    ],
  },
  { user: person(10, 'Yuki Tanaka', 'yuki'), isOnline: false, conversation: {}, lines: [] },
];

const WORDS = 'a line that answers another, in red ink, early in the morning, before the printer wakes and the proofs are dry'.split(' ');

export function previewMessages(source: PreviewPerson, conversationId: ConversationId): Message[] {
  const now = Date.now();
  const history = Array.from({ length: source.history ?? 0 }, (_, index): Line => {
    const words = WORDS.slice(0, 2 + ((index * 7) % (WORDS.length - 2)));
    return [3 * DAY + (2_000 - index) * 11, index % 5 < 2 ? 'me' : 'peer', `${index + 1}: ${words.join(' ')}`];
  });
  return [...history, ...source.lines].map(([ago, who, text, over], index) => ({
    id: sampleId(60_000 + index) as MessageId,
    conversationId,
    seq: index + 1,
    senderId: who === 'me' ? VIEWER.id : source.user.id,
    clientMsgId: `${source.user.username ?? ''}-${index + 1}` as ClientMsgId,
    type: 'text' as const,
    text,
    attachments: [],
    reactions: [],
    version: 0,
    createdAt: new Date(now - ago * 60_000).toISOString(),
    ...over,
  }));
}
