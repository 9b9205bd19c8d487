import { type PusherPort, pusherPort } from '@couplet/client';
import Pusher from 'pusher-js';

export const pusher: PusherPort | null = pusherPort(Pusher);
