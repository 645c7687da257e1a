using Fuser.Compare.Protocol;

namespace Fuser.Compare.Tests.Protocol;

public sealed class WorkerProcessTests
{
    private static readonly TimeSpan s_patience = Fuser.Testing.Hang.Limit;

    [Fact]
    public async Task A_worker_answers_over_its_pipe()
    {
        await using var worker = Start("worker", "tensor-primitives");
        (await worker.AskAsync(Message.Of("hello"), s_patience, CancellationToken.None)).Fields[0].ShouldStartWith("System.Numerics.Tensors=");
        (await worker.AskAsync(Message.Of("cold", "1", "1"), s_patience, CancellationToken.None)).Word.ShouldBe(Message.Refused);
        worker.IsAlive.ShouldBeTrue();
    }

    [Fact]
    public async Task A_process_that_ends_says_what_it_wrote_last()
    {
        await using var worker = Start("--nonsense");
        var answer = await worker.AskAsync(Message.Of("hello"), s_patience, CancellationToken.None);
        answer.Word.ShouldBe(Message.Failed);
        answer.Reason.ShouldStartWith("the process ended during 'hello'");
        worker.IsAlive.ShouldBeFalse();
        (await worker.AskAsync(Message.Of("hello"), s_patience, CancellationToken.None)).Reason.ShouldBe("the process has ended");
    }

    [Fact]
    public async Task A_process_that_does_not_answer_is_ended()
    {
        await using var worker = Start("worker", "tensor-primitives");
        var answer = await worker.AskAsync(Message.Of("hello"), TimeSpan.Zero, CancellationToken.None);
        answer.Reason.ShouldBe("no answer to 'hello' within 0 s");
        worker.IsAlive.ShouldBeFalse();
    }

    private static WorkerProcess Start(params string[] arguments) =>
        WorkerProcess.Start(new WorkerCommand("dotnet", [typeof(IWorker).Assembly.Location, .. arguments], AppContext.BaseDirectory, new Dictionary<string, string>()));
}
