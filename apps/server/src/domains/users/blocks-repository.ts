import type { UserId } from '@couplet/protocol';
import type { PrismaClient } from '../../database/prisma.ts';

/** @returns false when there was such a block already */
export async function insertBlock(prisma: PrismaClient, blockerId: UserId, blockedId: UserId, createdAt: Date): Promise<boolean> {
  const { count } = await prisma.block.createMany({ data: { blockerId, blockedId, createdAt }, skipDuplicates: true });
  return count > 0;
}

/** @returns false when there was no such block */
export async function deleteBlock(prisma: PrismaClient, blockerId: UserId, blockedId: UserId): Promise<boolean> {
  const { count } = await prisma.block.deleteMany({ where: { blockerId, blockedId } });
  return count > 0;
}

export async function userExists(prisma: PrismaClient, id: UserId): Promise<boolean> {
  return (await prisma.user.count({ where: { id } })) > 0;
}
