// The page: it asks the server for the case, and draws what the state says.

import { render } from 'preact';
import { load, text } from './acts';
import { Page } from './page';
import { listenToKeys } from './keys';
import { listenToServer } from './live';
import { keepToken } from './server';
import { say } from './store';
import { applyTheme } from './bar';

keepToken();
applyTheme();
const root = document.querySelector('#page');
if (root) render(<Page />, root);
listenToKeys();
// Listening comes first, so that nothing said while the case loads is missed.
listenToServer();
load().catch((error: unknown) => say(text(error), true));
