/**
 * Where the bytes of one upload are, all from the part of its incoming key that
 * nobody can guess: whoever runs a step again writes to the same place.
 */
export function uploadKeys(incomingKey: string) {
  const secret = incomingKey.slice(INCOMING.length);
  return {
    incoming: incomingKey,
    original: `originals/${secret}`,
    full: `files/${secret}/full`,
    preview: `files/${secret}/1280`,
    thumbnail: `files/${secret}/320`,
    avatarLarge: `avatars/${secret}/512`,
    avatarSmall: `avatars/${secret}/96`,
  };
}

const INCOMING = 'incoming/';
/** 128 bits that are in no id anybody sees. */
const SECRET_BYTES = 16;

export function newIncomingKey(uploadId: string, random: (bytes: Uint8Array) => void): string {
  const bytes = new Uint8Array(SECRET_BYTES);
  random(bytes);
  return `${INCOMING}${uploadId}-${Buffer.from(bytes).toString('base64url')}`;
}
