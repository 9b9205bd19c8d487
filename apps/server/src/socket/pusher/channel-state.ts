/** A user in a presence channel. */
export interface ChannelMember {
  userId: string;
  /** What others are shown of them: any JSON. */
  userInfo: unknown;
}

/** What became of a connection that enters a channel. */
export type Entered =
  | {
      status: 'entered';
      /** Connections in the channel, this one included. */
      count: number;
      /** All users of a presence channel, each once, the joiner included. */
      members: readonly ChannelMember[];
      /** The first connection of its user. */
      isNewMember: boolean;
    }
  /** A presence channel takes no further users. */
  | { status: 'full' };

export interface Left {
  count: number;
  /** Set when this was the last connection of its user in a presence channel. */
  goneUserId: string | undefined;
}

export interface ChannelFacts {
  channel: string;
  count: number;
  /** Of a presence channel, each once. */
  userIds: readonly string[];
}

/** What is told to connections on every node. */
export type Broadcast =
  | {
      type: 'channel-event';
      channel: string;
      /** The frame, encoded once for all who get it. */
      frame: string;
      exceptSocketId?: string | undefined;
      /** Of a frame that says so: who came to a presence channel, or left. */
      member?: { userId: string; isThere: boolean } | undefined;
    }
  | { type: 'user-event'; userId: string; frame: string }
  | { type: 'terminate-user'; userId: string }
  | { type: 'watchlist'; userId: string; name: 'online' | 'offline' };

/** What a node that died left undone: a connection that did not leave, or somebody who is gone and of whom that was not told. */
export type Abandoned = { type: 'channel'; channel: string; socketId: string } | { type: 'user'; userId: string; socketId: string } | { type: 'untold'; coming: Coming };

/**
 * What connections of this node had entered and the others did not know (any
 * longer): Redis was emptied, or this node taken for dead. They may have been told
 * that it is gone, or have asked before it was known again.
 */
export type Restored =
  | { type: 'channel'; channel: string; count: number }
  | { type: 'member'; channel: string; socketId: string; member: ChannelMember }
  | { type: 'user'; userId: string };

/** That a channel is occupied, or a user in a presence channel. */
export interface Coming {
  channel: string;
  userId: string | undefined;
}

/**
 * Who is in which channel of the whole deployment, and the way to all of them.
 * One node keeps it in memory; many nodes can share it elsewhere, which is why
 * everything but telling is a promise.
 */
export interface ChannelState {
  /** Entering twice with one socket counts once. @param member of a presence channel */
  enter(channel: string, socketId: string, member: ChannelMember | null): Promise<Entered>;
  /** Null when it was not in there. */
  leave(channel: string, socketId: string): Promise<Left | null>;
  describe(channel: string): Promise<ChannelFacts>;
  /** Occupied channels whose name begins so. */
  list(prefix: string): Promise<ChannelFacts[]>;
  /** What a cache channel shows to those who come later, for a while. */
  remember(channel: string, frame: string): Promise<void>;
  remembered(channel: string): Promise<{ frame: string; secondsLeft: number } | null>;
  /** @returns whether it is the user's first signed-in connection */
  signIn(userId: string, socketId: string): Promise<boolean>;
  /** @returns whether it was the user's last one */
  signOut(userId: string, socketId: string): Promise<boolean>;
  /**
   * Whether a backend is to be told that somebody came or went: it was last told
   * otherwise, on whichever node, and nobody who went is back. Counts as told.
   */
  tellOnce(coming: Coming, isThere: boolean): Promise<boolean>;
  /** Of these users, those with a signed-in connection. */
  whoIsSignedIn(userIds: readonly string[]): Promise<string[]>;
  /** To the listeners of every node, in the order of one publisher. */
  broadcast(broadcast: Broadcast): void;
  listen(listener: (broadcast: Broadcast) => void): () => void;
  /** Calls back, on one node, for what has to leave and has nobody to do it. */
  onAbandoned(listener: (abandoned: Abandoned) => Promise<void>): void;
  onRestored(listener: (restored: Restored) => void): void;
  /** Calls back when something that was told may not have been heard here, and who is there is known again. Called again when it rejects. */
  onMissed(listener: () => Promise<void>): void;
  /** Of presence channels, in their order. Rejects when nobody can tell. */
  members(channels: readonly string[]): Promise<ChannelMember[][]>;
}
