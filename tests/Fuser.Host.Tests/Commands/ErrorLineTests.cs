using Fuser.Host.Commands;
using Fuser.Host.Configuration;
using Fuser.Kernels;

namespace Fuser.Host.Tests.Commands;

public sealed class ErrorLineTests
{
    public static TheoryData<Exception, int, string> Errors => new()
    {
        { new GraphException(ErrorCodes.GraphSyntax, "no", 3, 9), 2, "error FUS1001: g.ir: line 3, col 9: no" },
        { new InputException(ErrorCodes.InputKind, "no"), 2, "error FUS3004: no" },
        { new LaunchException(ErrorCodes.UnknownDevice, "no"), 2, "error FUS5001: no" },
        { new LaunchException(ErrorCodes.DeviceUnavailable, "no"), 2, "error FUS5002: no" },
        { new LaunchException(ErrorCodes.LaunchFailed, "no"), 1, "error FUS5003: no" },
        { new CompileException(ErrorCodes.CompileFailed, "no"), 1, "error FUS4001: no" },
        { new CommandException(ErrorCodes.FileUnwritable, 1, "no"), 1, "error FUS7002: no" },
        { new HostException(ErrorCodes.ConfigurationKey, "no"), 2, "error FUS8004: no" },
        { new HostException(ErrorCodes.AddressUnavailable, "no"), 1, "error FUS8006: no" },
        { new OperationCanceledException(), 1, "error FUS8002: " },
#pragma warning disable CA2201, MA0012 // The runtime raises these; here they are only described.
        { new OutOfMemoryException(), 1, "error FUS3007: " },
        { new NullReferenceException(), 1, "error FUS9001: NullReferenceException" },
#pragma warning restore CA2201, MA0012
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Whose_mistake_it_is_decides_the_exit_code(Exception error, int exit, string start)
    {
        var (actualExit, line) = ErrorLine.Describe(error, "g.ir");
        actualExit.ShouldBe(exit);
        line.ShouldStartWith(start);
    }

    [Fact]
    public void Text_from_outside_can_neither_break_the_line_nor_steer_the_terminal() =>
        ErrorLine.Describe(new InputException(ErrorCodes.InputKind, "a\r\nb\u001b[31mc\u0090d"), null).Line.ShouldBe("error FUS3004: a b\\u001b[31mc\\u0090d");
}
