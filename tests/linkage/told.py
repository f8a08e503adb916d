"""What a long piece of work tells of its progress, for tests to look at."""

from contextlib import contextmanager


class Told:
    """A `Progress` that remembers."""

    def __init__(self):
        self.stages, self.steps = [], []

    @contextmanager
    def stage(self, title, total):
        self.stages.append((title, total))
        yield self.steps.append
