using Spectre.Console;

namespace Fuser.Host.Commands;

/// <summary>
/// Rows under headings. On a terminal it is drawn; elsewhere it is plain lines with two blanks between columns, because logs and pipes
/// want nothing else. Spectre.Console is not even loaded then.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row with a cell for each heading.</summary>
    public void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the table; nothing when it has no rows.</summary>
    public void Write(Terminal terminal)
    {
        if (_rows.Count == 0)
        {
            return;
        }

        if (terminal.IsInteractive)
        {
            Draw(terminal);
        }
        else
        {
            WritePlain(terminal.Out);
        }
    }

    private void Draw(Terminal terminal)
    {
        var table = new Table().Border(TableBorder.Rounded);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(Markup.Escape(heading)));
        }

        foreach (var row in _rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        var settings = new AnsiConsoleSettings { Out = new AnsiConsoleOutput(terminal.Out) };
        if (!terminal.HasColour)
        {
            settings.ColorSystem = ColorSystemSupport.NoColors;
        }

        AnsiConsole.Create(settings).Write(table);
    }

    private void WritePlain(TextWriter output)
    {
        var widths = headings.Select((heading, column) => Math.Max(heading.Length, _rows.Max(row => row[column].Length))).ToArray();
        foreach (var row in _rows.Prepend(headings))
        {
            output.WriteLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }
    }
}
