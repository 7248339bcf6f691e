"""Real servers for the tests to talk to: each starts on a free port of 127.0.0.1 and stops again.

`postgres` and `smtp_sink` and `cut_proxy` need nothing but the development dependencies and serve
the fast tests. `mailbox` (Postfix and Dovecot), `synapse` (Matrix) and `browser` (Chromium) need
what `make test-real` installs. None of them reaches beyond this machine.
"""
