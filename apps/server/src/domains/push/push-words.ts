import type { MessageType } from '@couplet/protocol';

/** What a notification tells whoever sees the locked screen: that there is something, from whom, or what. */
export type PushContent = 'none' | 'sender' | 'text';

/** Of the text; phones show three lines. */
export const PUSH_TEXT_LENGTH = 140;

/** Title and body of a message's notification. */
export function pushWords(content: PushContent, message: { type: MessageType; text: string | null; sender_name: string }): { title: string; body: string } {
  switch (content) {
    case 'none':
      return { title: 'New message', body: '' };
    case 'sender':
      return { title: `New message from ${message.sender_name}`, body: '' };
    case 'text':
      return { title: message.sender_name, body: message.text ?? WITHOUT_TEXT[message.type] };
  }
}

const WITHOUT_TEXT: Record<MessageType, string> = { text: 'New message', system: 'New message', image: 'Photo', video: 'Video', file: 'File' };
