import type { MessagePageQuery } from '../messenger-interface.ts';

/** From and to, both included; empty when `toSeq < fromSeq`. */
export interface SeqRange {
  fromSeq: number;
  toSeq: number;
}

/**
 * Which seqs a page asks for. Seqs are dense from 1 to `lastSeq`, so that the
 * range is exact: the device has the page if it has every seq of it.
 */
export function pageRange(query: MessagePageQuery, lastSeq: number, limit: number): SeqRange {
  switch (query.at) {
    case 'end':
      return { fromSeq: Math.max(1, lastSeq - limit + 1), toSeq: lastSeq };
    case 'before': {
      const toSeq = Math.min(lastSeq, query.seq - 1);
      return { fromSeq: Math.max(1, toSeq - limit + 1), toSeq };
    }
    case 'after': {
      const fromSeq = Math.max(1, query.seq + 1);
      return { fromSeq, toSeq: Math.min(lastSeq, fromSeq + limit - 1) };
    }
    case 'around': {
      // Near either end the other side gets what is left of the limit.
      const middle = Math.max(1, Math.min(query.seq, lastSeq));
      const toSeq = Math.min(lastSeq, Math.max(middle - Math.floor(limit / 2), 1) + limit - 1);
      return { fromSeq: Math.max(1, toSeq - limit + 1), toSeq };
    }
  }
}

/** The seq of the range that the page is about: what it keeps when it cannot have all. */
export function anchorSeq(query: MessagePageQuery, range: SeqRange): number {
  switch (query.at) {
    case 'end':
    case 'before':
      return range.toSeq;
    case 'after':
      return range.fromSeq;
    case 'around':
      return Math.min(Math.max(query.seq, range.fromSeq), range.toSeq);
  }
}
