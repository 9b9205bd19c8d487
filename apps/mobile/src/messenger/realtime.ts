import { type PusherPort, pusherPort } from '@couplet/client';
import Pusher from 'pusher-js/react-native';

/** How events reach the app: over the Pusher protocol, at the server itself or at a service that speaks it. */
export const pusher: PusherPort | null = pusherPort(Pusher);
