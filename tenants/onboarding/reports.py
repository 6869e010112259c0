"""What an import did, for the operator to read."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Counts of accounts, and every line that was not kept, by its number in the file and the reason."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    kept_retired: int = 0
    """Accounts among the changed and unchanged whose legacy secret is retired: the file's secret was not taken."""
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def lines(self) -> int:
        """How many records the file had."""
        return self.added + self.changed + self.unchanged + len(self.rejected)

    def summary(self) -> str:
        """The report as plain text."""
        counts = f"{self.added} added, {self.changed} changed, {self.unchanged} unchanged"
        text = [f"{counts}, {len(self.rejected)} rejected."]
        if self.kept_retired:
            text.append(f"{self.kept_retired} kept retired: their legacy secrets stay dead, the file's were not taken.")
        text += self.notes
        text += [f"line {line}: {reason}" for line, reason in self.rejected]
        return "\n".join(text)
