namespace Fuser.Kernels;

/// <summary>The graph is wrong: its text, its structure, or an operation in it.</summary>
public sealed class GraphException : FuserException
{
    /// <summary>Creates the exception. A known position is put in front of the message.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What, got, wanted, what to do.</param>
    /// <param name="line">Line in the graph text, from 1; 0 when the graph was not read from text.</param>
    /// <param name="column">Column in the graph text, from 1; 0 when the graph was not read from text.</param>
    /// <param name="innerException">The cause, if another error is.</param>
    public GraphException(string code, string message, int line = 0, int column = 0, Exception? innerException = null)
        : base(code, line > 0 ? $"line {line}, col {column}: {message}" : message, innerException)
    {
        Line = line;
        Column = column;
    }

    /// <summary>Line in the graph text, from 1; 0 when unknown.</summary>
    public int Line { get; }

    /// <summary>Column in the graph text, from 1; 0 when unknown.</summary>
    public int Column { get; }
}
