import type { Report, SiblingsPort } from '@couplet/client';

/** On a phone the app runs once. */
export function createSiblings(_serverUrl: string, _report: Report): SiblingsPort | null {
  return null;
}
