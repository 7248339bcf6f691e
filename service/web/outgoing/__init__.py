"""What other programs read: events as Atom, JSON Feed and a calendar, and the sources as OPML. Pure."""
