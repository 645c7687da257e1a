using System.Globalization;
using System.Text.RegularExpressions;

namespace Fuser.CudaTesting;

/// <summary>
/// A PTX module, read by the rules of NVIDIA's manual and not by those of the printer: one entry, its parameters, its tables, its instructions.
/// </summary>
internal sealed partial class PtxProgram
{
    public required string Entry { get; init; }

    /// <summary>Where each parameter is among the launch's, and how many bytes it has.</summary>
    public required IReadOnlyDictionary<string, (int Index, int Bytes)> Parameters { get; init; }

    public required IReadOnlyDictionary<string, ulong[]> Tables { get; init; }

    public required IReadOnlyDictionary<string, int> TableItemBytes { get; init; }

    /// <summary>Memory that is declared in the body: its space, and how many bytes it has.</summary>
    public required IReadOnlyDictionary<string, (string Space, int Bytes)> Memory { get; init; }

    public required IReadOnlyList<PtxInstruction> Instructions { get; init; }

    /// <summary>Registers there are, by number.</summary>
    public required int Registers { get; init; }

    /// <exception cref="FormatException">The text is none, as an assembler would find.</exception>
    public static PtxProgram Read(string text)
    {
        if (!text.StartsWith(".version 6.0\n.target sm_60\n.address_size 64\n", StringComparison.Ordinal))
        {
            throw new FormatException("the header is not what every driver takes");
        }

        var entry = EntryPattern().Match(text);
        if (!entry.Success)
        {
            throw new FormatException("there is no entry");
        }

        var parameters = new Dictionary<string, (int, int)>();
        foreach (Match parameter in ParameterPattern().Matches(entry.Groups["parameters"].Value))
        {
            parameters.Add(parameter.Groups["name"].Value, (parameters.Count, int.Parse(parameter.Groups["bits"].Value) / 8));
        }

        var tables = new Dictionary<string, ulong[]>();
        var sizes = new Dictionary<string, int>();
        foreach (Match table in TablePattern().Matches(text))
        {
            var items = table.Groups["items"].Value.Split(',', StringSplitOptions.TrimEntries).Select(Hex).ToArray();
            if (items.Length != int.Parse(table.Groups["count"].Value))
            {
                throw new FormatException("a table has another length than it says");
            }

            tables.Add(table.Groups["name"].Value, items);
            sizes.Add(table.Groups["name"].Value, int.Parse(table.Groups["bits"].Value) / 8);
        }

        var body = new Body(parameters.Keys, tables.Keys);
        body.ReadAll(text[(entry.Index + entry.Length)..]);
        return new PtxProgram
        {
            Entry = entry.Groups["name"].Value,
            Parameters = parameters,
            Tables = tables,
            TableItemBytes = sizes,
            Memory = body.Memory,
            Instructions = body.Instructions,
            Registers = body.Registers,
        };
    }

    private static ulong Hex(string text) => ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    /// <summary>Reads declarations and instructions, and puts numbers for names.</summary>
    private sealed class Body(IEnumerable<string> parameters, IEnumerable<string> tables)
    {
        private readonly HashSet<string> _symbols = [.. parameters.Concat(tables)];
        private readonly Dictionary<string, (int First, int Count, string Type)> _files = [];
        private readonly Dictionary<string, (string Space, int Bytes)> _memory = [];
        private readonly Dictionary<string, int> _labels = [];
        private readonly List<(int Instruction, string Label)> _jumps = [];
        private readonly List<PtxInstruction> _instructions = [];

        public IReadOnlyList<PtxInstruction> Instructions => _instructions;

        public IReadOnlyDictionary<string, (string Space, int Bytes)> Memory => _memory;

        public int Registers { get; private set; }

        public void ReadAll(string text)
        {
            foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (line is "{" or "}" || line.StartsWith(".maxntid", StringComparison.Ordinal))
                {
                    continue;
                }

                if (line.EndsWith(':'))
                {
                    _labels.Add(line[..^1], _instructions.Count);
                }
                else if (RegisterPattern().Match(line) is { Success: true } declared)
                {
                    var count = int.Parse(declared.Groups["count"].Value);
                    _files.Add(declared.Groups["prefix"].Value, (Registers, count, declared.Groups["type"].Value));
                    Registers += count;
                }
                else if (MemoryPattern().Match(line) is { Success: true } memory)
                {
                    _memory.Add(memory.Groups["name"].Value, (memory.Groups["space"].Value, int.Parse(memory.Groups["bytes"].Value)));
                    _symbols.Add(memory.Groups["name"].Value);
                }
                else
                {
                    _instructions.Add(Instruction(line));
                }
            }

            foreach (var (at, label) in _jumps)
            {
                _instructions[at] = _instructions[at] with { Target = _labels[label] };
            }
        }

        private PtxInstruction Instruction(string line)
        {
            if (!line.EndsWith(';'))
            {
                throw new FormatException($"no instruction: {line}");
            }

            var rest = line[..^1];
            var (guard, negated) = (-1, false);
            if (rest[0] == '@')
            {
                var space = rest.IndexOf(' ');
                negated = rest[1] == '!';
                guard = Register(rest[(negated ? 2 : 1)..space]);
                rest = rest[(space + 1)..];
            }

            var split = rest.IndexOf(' ');
            var opcode = split < 0 ? rest : rest[..split];
            string[] texts = split < 0 ? [] : [.. OperandPattern().Matches(rest[(split + 1)..]).Select(match => match.Value.Trim())];
            if (opcode == "bra")
            {
                _jumps.Add((_instructions.Count, texts[0]));
                return new PtxInstruction(opcode, guard, negated, []);
            }

            return new PtxInstruction(opcode, guard, negated, [.. texts.SelectMany(Operands)]);
        }

        private IEnumerable<PtxOperand> Operands(string text)
        {
            if (text[0] == '{')
            {
                return text[1..^1].Split(',', StringSplitOptions.TrimEntries).Select(Operand);
            }

            if (text[0] != '[')
            {
                return [Operand(text)];
            }

            var parts = text[1..^1].Split('+');
            return [Operand(parts[0]) with { Offset = parts.Length > 1 ? long.Parse(parts[1]) : 0, IsAddress = true }];
        }

        private PtxOperand Operand(string text) => text switch
        {
            ['%', 'c', 't' or 'l', ..] or ['%', 't', 'i', ..] or ['%', 'n', ..] => new PtxOperand(-1, 0, text),
            ['%', ..] => new PtxOperand(Register(text), 0, null),
            ['0', 'f' or 'F', ..] or ['0', 'd' or 'D', ..] or ['0', 'x', ..] => new PtxOperand(-1, Hex(text), null),
            _ when _symbols.Contains(text) => new PtxOperand(-1, 0, text),
            _ => new PtxOperand(-1, (ulong)long.Parse(text), null),
        };

        private int Register(string name)
        {
            var prefix = name.TrimEnd("0123456789".ToCharArray());
            var number = int.Parse(name.AsSpan(prefix.Length));
            return _files.TryGetValue(prefix, out var file) && number < file.Count ? file.First + number : throw new FormatException($"{name} is not declared");
        }
    }

    [GeneratedRegex(@"\.visible \.entry (?<name>\w+)\((?<parameters>[^)]*)\)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex EntryPattern();

    [GeneratedRegex(@"\.param \.b(?<bits>\d+) (?<name>\w+)", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex ParameterPattern();

    [GeneratedRegex(@"\.global \.align 8 \.b(?<bits>\d+) (?<name>\w+)\[(?<count>\d+)\] = \{ (?<items>[^}]*) \}", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex TablePattern();

    [GeneratedRegex(@"^\.reg \.(?<type>\w+) (?<prefix>%\w+)<(?<count>\d+)>;$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex RegisterPattern();

    [GeneratedRegex(@"^\.(?<space>shared|local) \.align (8|16) \.b8 (?<name>\w+)\[(?<bytes>\d+)\];$", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex MemoryPattern();

    [GeneratedRegex(@"\{[^}]*\}|\[[^\]]*\]|[^,\s][^,]*", RegexOptions.ExplicitCapture, 10_000)]
    private static partial Regex OperandPattern();
}

/// <param name="Guard">Predicate it depends on; -1 for none.</param>
internal sealed record PtxInstruction(string Opcode, int Guard, bool IsNegated, PtxOperand[] Operands)
{
    public int Target { get; init; }

    /// <summary>Set once, so that running it does not look at the text again.</summary>
    public Action<PtxThread>? Action { get; set; }
}

/// <param name="Register">Number, or -1.</param>
/// <param name="Value">Bits of a constant.</param>
/// <param name="Symbol">A parameter, a table or a special register.</param>
internal readonly record struct PtxOperand(int Register, ulong Value, string? Symbol)
{
    public long Offset { get; init; }

    public bool IsAddress { get; init; }
}
