"""Stores of finished work for tests: one that holds what it is given, and one that stops the run."""


class Kept(dict):
    """Fulfils `KeptTiles`."""

    def put(self, name, data):
        self[name] = data


class Stopped(Exception):
    """The process would have been killed here."""


class KeptUntil:
    """A store over another one that is stopped after so many puts."""

    def __init__(self, store, puts):
        self.store, self.left = store, puts

    def get(self, name):
        return self.store.get(name)

    def put(self, name, data):
        if not self.left:
            raise Stopped
        self.left -= 1
        self.store.put(name, data)
