"""The filter alone: Rspamd, clamd and the state server started under their own accounts, fed as Postfix feeds them, by milter."""
