import type { Locator, Page } from 'playwright-core';
import type { Account } from './api.ts';
import { PASSWORD } from './api.ts';
import type { Device } from './browser.ts';
import type { ServerProcess } from './server-process.ts';

export type Tick = 'pending' | 'sent' | 'delivered' | 'read' | 'failed';

/** `message-<clientMsgId>`, and nothing that only begins like it. */
export const MESSAGE = /^message-(?!list$|time$|failed$|menu-)/;

/** Every tick but that of a message which the device is still writing down. */
const KEPT = /^tick-(?!writing$)/;

/** Somebody at a device: what they do on its screens, and what they see there. */
export class Person {
  readonly name: string;
  readonly device: Device;
  readonly #server: ServerProcess;

  constructor(name: string, device: Device, server: ServerProcess) {
    this.name = name;
    this.device = device;
    this.#server = server;
  }

  get page(): Page {
    return this.device.page;
  }

  /** Closes the page; what the browser keeps stays. */
  async closePage() {
    await this.page.close();
  }

  /** Opens the app in a new page of the same browser. */
  async openPage(path = '/') {
    await this.device.openPage();
    await this.goto(path);
  }

  /** Screens left behind stay in the document: only what shows counts. */
  get(testId: string | RegExp): Locator {
    return this.page.getByTestId(testId).filter({ visible: true });
  }

  /** What there is to see, and what went wrong so far: for a failure whose page is gone when it is read of. */
  async lookAround(): Promise<string> {
    const text = await this.page.evaluate(() => `${location.href} showed: ${document.body.innerText.slice(0, 500)}`).catch((error: unknown) => `the page could not be asked: ${String(error)}`);
    return `${text}\nErrors: ${this.device.unexpectedErrors().join('\n')}`;
  }

  async see(testId: string | RegExp) {
    await this.get(testId).first().waitFor();
  }

  async seeNo(testId: string | RegExp) {
    await this.get(testId).first().waitFor({ state: 'hidden' });
  }

  async goto(path = '/') {
    await this.#leavePage(() => this.page.goto(this.#server.url + path));
  }

  async signUp(email: string) {
    await this.goto();
    await this.get('sign-in-mode-sign-up').click();
    await this.get('sign-in-name').fill(this.name);
    await this.get('sign-in-login').fill(email);
    await this.get('sign-in-password').fill(PASSWORD);
    await this.get('sign-in-submit').click();
    await this.seeChats();
  }

  /** Signed in and at home. */
  async seeChats() {
    await this.see('new-conversation');
  }

  async signIn({ email }: Account, path = '/') {
    await this.goto(path);
    await this.signInAs(email, PASSWORD);
  }

  /** On the sign-in screen. */
  async signInAs(login: string, password: string) {
    await this.get('sign-in-mode-sign-in').click();
    await this.get('sign-in-login').fill(login);
    await this.get('sign-in-password').fill(password);
    await this.get('sign-in-submit').click();
  }

  /** From the chats to People, and from there into a conversation. */
  async findPerson(name: string) {
    await this.get('new-conversation').click();
    await this.get('people-search').fill(name);
    await this.get(`person-${name}`).click();
    await this.see('composer-input');
  }

  async openChat(name: string) {
    await this.get(`chat-row-${name}`).click();
    await this.see('composer-input');
  }

  chatRow(name: string): Locator {
    return this.get(`chat-row-${name}`);
  }

  async type(text: string) {
    await this.get('composer-input').pressSequentially(text);
  }

  async send(text: string) {
    await this.get('composer-input').fill(text);
    await this.get('composer-send').click();
  }

  /** The bubble with this text. */
  message(text: string): Locator {
    return this.get(MESSAGE).filter({ hasText: text });
  }

  async seeMessage(text: string) {
    await this.message(text).waitFor();
  }

  /** The device has the own message with this text: from here on nothing may lose it. */
  async seeKept(text: string) {
    await this.message(text).getByTestId(KEPT).first().waitFor();
  }

  /** With a mouse: the menu of the message with this text. */
  async openMessageMenu(text: string) {
    await this.message(text).hover();
    await this.message(text).getByTestId(/^message-menu-/).click();
  }

  /** With a finger, which stays until the menu is there and then lifts. Resolves when what that brings about is over. */
  async longPress(target: Locator) {
    // Tries whether it could be pressed, which waits until it stands still.
    await target.tap({ trial: true });
    const box = await target.boundingBox();
    if (!box) throw new Error('What should be pressed does not show');
    const touch = await this.page.context().newCDPSession(this.page);
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }] });
    await this.page.getByRole('menu').waitFor();
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await this.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
    await touch.detach();
  }

  /** The own message with this text bears this tick. */
  async seeTick(text: string, tick: Tick) {
    await this.message(text).getByTestId(`tick-${tick}`).waitFor();
  }

  async reload() {
    await this.#leavePage(() => this.page.reload());
  }

  /** A layer that closed a moment ago takes its entry out of the history, by going back: that breaks off whatever begins meanwhile, once. */
  async #leavePage(leave: () => Promise<unknown>) {
    await leave().catch((error: unknown) => {
      if (!String(error).includes('ERR_ABORTED')) throw error;
      return leave();
    });
  }
}
