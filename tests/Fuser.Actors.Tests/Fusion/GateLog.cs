using Microsoft.Extensions.Logging;

namespace Fuser.Actors.Tests.Fusion;

/// <summary>Runs the test's code when something is logged: that is inside the turn of the actor that logs.</summary>
internal sealed class GateLog(Action<int> onEvent) : ILoggerFactory, ILogger
{
    public const int Compiling = 100;
    public const int EvictingSpec = 103;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("it is the provider");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => onEvent(eventId.Id);

    public void Dispose()
    {
    }
}
