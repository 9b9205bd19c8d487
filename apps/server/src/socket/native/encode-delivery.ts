import type { Told } from '../../fanout/fanout.ts';
import { nextFrameId } from './frame-id.ts';

/** The devices of one user get the same payload one after the other: it is encoded once. */
let lastPayload: Told | undefined;
let lastText = '';

/** An event or signal as a frame of the native protocol. */
export function encodeDelivery(payload: Told, now: number): string {
  if (payload !== lastPayload) {
    const { type, ...data } = payload;
    lastText = JSON.stringify({ type, id: nextFrameId(), ts: now, data });
    lastPayload = payload;
  }
  return lastText;
}
