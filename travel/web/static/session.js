// Who is signed in, as the gateway says, until the session is over.

export class Session {
  #api;
  #onChange;
  #now;
  #customer = null;
  #expiresAt = 0; // in milliseconds since the epoch

  constructor(api, onChange = () => {}, now = Date.now) {
    this.#api = api;
    this.#onChange = onChange;
    this.#now = now;
  }

  /** Null where nobody is signed in, or no more: so nobody fills a form that would be refused. */
  get customer() {
    return this.#now() < this.#expiresAt ? this.#customer : null;
  }

  /** Ask the gateway; nobody is signed in when it does not say so. */
  async load() {
    try {
      this.#set(await this.#api.session());
    } catch {
      this.#set(null);
    }
  }

  async signIn(credentials) {
    this.#set(await this.#api.signIn(credentials));
  }

  /** Opening an account signs in at once. */
  async signUp(account) {
    await this.#api.signUp(account);
    await this.load();
  }

  async signOut() {
    await this.#api.signOut();
    this.#set(null);
  }

  /** The gateway says that the session is over. */
  ended() {
    this.#set(null);
  }

  #set(session) {
    this.#customer = session?.customer ?? null;
    this.#expiresAt = session?.expires_at ?? 0;
    this.#onChange(this.customer);
  }
}
