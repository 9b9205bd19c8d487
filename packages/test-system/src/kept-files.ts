import type { FilePut, FilesPort } from '@couplet/client';

/** The files a device keeps, in memory. They outlive a messenger that is closed, as a phone's files do. */
export class KeptFiles implements FilesPort {
  readonly #kept = new Map<string, { bytes: Uint8Array<ArrayBuffer>; keptAt: number }>();
  /** Every stretch that was put, with how many of its bytes. */
  readonly puts: { id: string; start: number; status: number }[] = [];
  /** Called before a stretch leaves; throws to cut it off. */
  beforePut: (put: { id: string; start: number }) => void | Promise<void> = () => undefined;

  async keep(id: string, source: unknown): Promise<void> {
    if (!(source instanceof Uint8Array)) throw new Error('These files are made of bytes');
    this.#kept.set(id, { bytes: new Uint8Array(source), keptAt: Date.now() });
  }

  async put(id: string, { url, headers, start, end, onProgress }: FilePut): Promise<{ status: number; etag: string | null }> {
    const kept = this.#kept.get(id);
    if (!kept) throw new Error('There is no such file');
    await this.beforePut({ id, start });
    const response = await fetch(url, { method: 'PUT', headers, body: kept.bytes.subarray(start, end) });
    onProgress(end - start);
    this.puts.push({ id, start, status: response.status });
    return { status: response.status, etag: response.headers.get('etag') };
  }

  async remove(id: string): Promise<void> {
    this.#kept.delete(id);
  }

  async list(): Promise<{ id: string; keptAt: number }[]> {
    return [...this.#kept].map(([id, { keptAt }]) => ({ id, keptAt }));
  }
}
