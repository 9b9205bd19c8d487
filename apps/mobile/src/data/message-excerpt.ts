import type { Message } from '@couplet/protocol';

/** A message in one line, whatever it is. */
export function messageExcerpt(message: Message): string {
  if (message.deletedAt) return 'Message deleted';
  switch (message.type) {
    case 'text':
    case 'system':
      return oneLine(message.text ?? '');
    case 'image':
      return message.text ? oneLine(message.text) : 'Photo';
    case 'video':
      return message.text ? oneLine(message.text) : 'Video';
    case 'file':
      return message.text ? oneLine(message.text) : 'File';
  }
}

export function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
