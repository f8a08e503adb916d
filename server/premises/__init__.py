"""Where a server lives: settings, the data folder and its keys, the desk opened on it, logs, a backup put back."""
