import type { HttpPort, MeterPort, NetworkPort, RandomPort, SocketPort } from '@couplet/client';
import NetInfo, { type NetInfoState, NetInfoStateType } from '@react-native-community/netinfo';
import { getRandomValues } from 'expo-crypto';

export { clock } from '../platform/clock.ts';

export const random: RandomPort = {
  fill: (bytes) => void getRandomValues(bytes),
  fraction: () => Math.random(),
};

export const http: HttpPort = {
  async request({ method, url, headers, body, timeoutMs, signal }) {
    const aborter = new AbortController();
    const unsubscribe = signal?.subscribe(() => aborter.abort());
    // Covers the body as well: an answer that stops half way must not hang either.
    const timer = setTimeout(() => aborter.abort(), timeoutMs);
    try {
      const response = await fetch(url, { method, headers, body: body ?? null, signal: aborter.signal, cache: 'no-store' });
      const answered: Record<string, string> = {};
      response.headers.forEach((value, name) => {
        answered[name.toLowerCase()] = value;
      });
      return { status: response.status, headers: answered, body: await response.text() };
    } finally {
      clearTimeout(timer);
      unsubscribe?.();
    }
  },
};

export const socket: SocketPort = {
  open(url, handlers) {
    const webSocket = new WebSocket(url);
    webSocket.onopen = () => handlers.onOpen();
    webSocket.onmessage = (event) => handlers.onMessage(String(event.data));
    // An error is always followed by a close: one door.
    webSocket.onclose = (event) => handlers.onClose(event.code ?? ABNORMAL_CLOSURE, event.reason ?? '');
    return {
      send: (text) => webSocket.send(text),
      close: (code, reason) => webSocket.close(code, reason),
    };
  },
};

/** RFC 6455 §7.4.1: closed without a close frame. */
const ABNORMAL_CLOSURE = 1006;

/** What the platform says of the network, probed at our own server and nowhere else. */
export function createNetworkPort(serverUrl: string): NetworkPort {
  NetInfo.configure({
    reachabilityUrl: `${serverUrl}/healthz`,
    reachabilityTest: async (response) => response.status === 200,
    reachabilityLongTimeout: PROBE_WHEN_REACHED_MS,
    reachabilityShortTimeout: PROBE_WHEN_LOST_MS,
    reachabilityRequestTimeout: PROBE_TIMEOUT_MS,
    useNativeReachability: false,
  });
  let latest: NetInfoState | null = null;
  return {
    isOnline: () => latest?.isConnected !== false,
    subscribe(listener) {
      return NetInfo.addEventListener((state) => {
        const cameBack = latest !== null && latest.isInternetReachable !== true && state.isInternetReachable === true;
        const changed = (latest?.isConnected !== false) !== (state.isConnected !== false);
        latest = state;
        // That the server answers again is worth an immediate try, though the network itself never went.
        if (changed || cameBack) listener(state.isConnected !== false);
      });
    },
  };
}

/** What the platform says of what the connection costs: mobile data, or the person's wish to save it. */
export function createMeterPort(): MeterPort {
  let isMetered = false;
  return {
    isMetered: () => isMetered,
    subscribe: (listener) =>
      NetInfo.addEventListener(({ type, details }) => {
        const now = type === NetInfoStateType.cellular || details?.isConnectionExpensive === true;
        if (now === isMetered) return;
        isMetered = now;
        listener();
      }),
  };
}

/** The socket's own heartbeat notices a loss sooner; this is only for the platform's word. */
const PROBE_WHEN_REACHED_MS = 60_000;
/** Soon enough that a server that came back is noticed before the person wonders. */
const PROBE_WHEN_LOST_MS = 5_000;
const PROBE_TIMEOUT_MS = 10_000;
