/** Resolves within the request's own event, so that its transaction is still open for the next one. */
export function resultOf<Result>(request: IDBRequest<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
  });
}

/** Resolves when everything of the transaction is kept, rejects when nothing of it is. */
export function endOf(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
  });
}

/** The values from `offset` on, at most `limit`, from the last key of the index to the first. */
export function pageFromEnd(index: IDBIndex, limit: number, offset: number): Promise<object[]> {
  return new Promise((resolve, reject) => {
    const found: object[] = [];
    let toSkip = offset;
    const request = index.openCursor(null, 'prev');
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null || found.length === limit) return resolve(found);
      if (toSkip > 0) {
        cursor.advance(toSkip);
        toSkip = 0;
        return;
      }
      found.push(cursor.value as object);
      if (found.length === limit) return resolve(found);
      cursor.continue();
    };
  });
}

/** Shows the values to `look` from the last key to the first, until it answers that this is enough. */
export function walk(index: IDBIndex, look: (value: unknown) => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = index.openCursor(null, 'prev');
    request.onerror = () => reject(request.error ?? new Error('The request failed.'));
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null || !look(cursor.value)) return resolve();
      cursor.continue();
    };
  });
}
