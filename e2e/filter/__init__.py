"""The filter alone: Rspamd, clamd and the state server under their own accounts, fed as Postfix feeds them, by milter."""
