import { QueryClient } from '@tanstack/react-query';

/**
 * Queries are windows on the device's store: events keep them fresh, so nothing
 * goes stale by time and nothing waits for the network to be "online".
 */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', staleTime: Number.POSITIVE_INFINITY, gcTime: KEPT_MS, retry: false, refetchOnWindowFocus: false, refetchOnReconnect: false },
      mutations: { networkMode: 'always', retry: false },
    },
  });
}

/** A thread left half an hour ago is read from the device again. */
const KEPT_MS = 30 * 60 * 1_000;
