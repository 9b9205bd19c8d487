import { Directory, File, Paths } from 'expo-file-system';
import type { MediaShelf, ShownMedia } from './media-shelf.ts';

/** When which file was used last, by its name. */
type Uses = Record<string, number>;

/** Files in the folder that the system may empty when the device runs full. */
export function createDeviceShelf(): MediaShelf {
  const folder = new Directory(Paths.cache, 'pictures');
  const index = new File(folder, 'uses.json');
  let uses: Uses | null = null;
  const known = (): Uses => (uses ??= readUses(index));
  const save = () => {
    folder.create({ intermediates: true, idempotent: true });
    index.write(JSON.stringify(known()));
  };
  return {
    async list() {
      if (!folder.exists) return [];
      return folder.list().flatMap((entry) => {
        const key = entry instanceof File ? keyOf(entry.name) : null;
        return entry instanceof File && key !== null ? [{ key, sizeBytes: entry.size, usedAt: known()[entry.name] ?? 0 }] : [];
      });
    },
    async open(key) {
      const file = new File(folder, nameOf(key));
      return file.exists ? { shown: show(file), usedAt: known()[file.name] ?? 0 } : null;
    },
    async bring(key, url, usedAt, signal) {
      folder.create({ intermediates: true, idempotent: true });
      // Not under its name while it comes: what was cut would be taken for the picture.
      const coming = new File(folder, `${nameOf(key)}${COMING}`);
      const file = new File(folder, nameOf(key));
      try {
        await File.downloadFileAsync(url, coming, { idempotent: true, signal });
        signal.throwIfAborted();
        if (file.exists) file.delete();
        await coming.move(file);
      } catch (error) {
        if (coming.exists) coming.delete();
        throw error;
      }
      known()[nameOf(key)] = usedAt;
      save();
      return { shown: show(new File(folder, nameOf(key))), kept: Promise.resolve() };
    },
    async touch(key, usedAt) {
      if (!new File(folder, nameOf(key)).exists) return;
      known()[nameOf(key)] = usedAt;
      save();
    },
    async remove(keys) {
      for (const name of keys.map(nameOf)) {
        const file = new File(folder, name);
        if (file.exists) file.delete();
        delete known()[name];
      }
      save();
    },
    async clear() {
      uses = {};
      if (folder.exists) folder.delete();
    },
  };
}

const COMING = '.coming';

/** What a key may hold, a file's name may not. */
function nameOf(key: string): string {
  return `${encodeURIComponent(key)}.picture`;
}

/** `null`: not a picture's. */
function keyOf(name: string): string | null {
  return name.endsWith('.picture') ? decodeURIComponent(name.slice(0, -'.picture'.length)) : null;
}

/** What was cut while it was written counts as never used. */
function readUses(index: File): Uses {
  try {
    return index.exists ? (JSON.parse(index.textSync()) as Uses) : {};
  } catch {
    return {};
  }
}

/** A file is shown where it lies. */
function show(file: File): ShownMedia {
  return { url: file.uri, release: () => undefined };
}
