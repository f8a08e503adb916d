"""The secret as people handle it: how random it is, the words that are read over the phone, where it is kept."""
