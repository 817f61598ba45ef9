// Opening an account and signing in: what is sent, and what is wrong with it.

import { cleanName } from "./passenger.js";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const MIN_PASSWORD_LENGTH = 8;
const MAX_NAME_LENGTH = 80;

export function signUpFrom({ name, email, password }) {
  return { name: cleanName(name), email: email.trim(), password };
}

export function signUpErrors({ name, email, password }) {
  const errors = {};
  if (!name) errors.name = "Enter your full name.";
  else if (name.length > MAX_NAME_LENGTH) errors.name = `Use at most ${MAX_NAME_LENGTH} characters for your name.`;
  if (!EMAIL.test(email)) errors.email = "Enter an email address, for example ana@example.com.";
  if (password.length < MIN_PASSWORD_LENGTH) {
    errors.password = `Use at least ${MIN_PASSWORD_LENGTH} characters for your password.`;
  }
  return errors;
}

export function signInFrom({ email, password }) {
  return { email: email.trim(), password };
}

export function signInErrors({ email, password }) {
  const errors = {};
  if (!email) errors.email = "Enter your email address.";
  if (!password) errors.password = "Enter your password.";
  return errors;
}

/** What the traveller is told when the service refused, by field; "" stands for the whole form. */
export function refusedAccount(error) {
  if (error.code === "wrong-credentials") return { "": "Email or password is wrong." };
  if (error.code === "email-taken") return { email: "An account with this email exists already." };
  return error.errors ?? { "": error.message };
}
