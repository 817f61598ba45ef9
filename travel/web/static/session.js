// Who is signed in, as the gateway says.

export class Session {
  #api;
  #onChange;

  constructor(api, onChange = () => {}) {
    this.#api = api;
    this.#onChange = onChange;
    this.customer = null;
  }

  /** Ask the gateway; nobody is signed in when it does not say so. */
  async load() {
    try {
      this.#set((await this.#api.session()).customer);
    } catch {
      this.#set(null);
    }
  }

  async signIn(credentials) {
    this.#set((await this.#api.signIn(credentials)).customer);
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

  #set(customer) {
    this.customer = customer;
    this.#onChange(customer);
  }
}
