using Fuser.Compare.Protocol;

namespace Fuser.Compare.Tests.Protocol;

public sealed class WorkerHostTests
{
    [Fact]
    public void Every_request_gets_one_answer_in_order() =>
        Serve("hello", "prepare\tW1\ti:f32:1000:0:1", "check\tsubject\t2\t101\tfile", "time\tsubject\t2\t12.5", "cold\t30\t7", "figures\tcall\tTryRun", "release").ShouldBe(
        [
            "ok\tname=1.0",
            "ok",
            "ok\tsubject on 2 threads, every 101st to file",
            "ok\t12.5\t3",
            "ok\t37",
            "ok\tcall\tTryRun",
            "ok",
        ]);

    [Fact]
    public void What_a_worker_cannot_do_is_told_apart_from_what_goes_wrong() =>
        Serve("prepare\trefused", "prepare\tfailed", "hello").ShouldBe(["refused\tnot this one", "failed\tInvalidOperationException: first / second", "ok\tname=1.0"]);

    [Theory]
    [InlineData("dance", "failed\tFormatException: unknown request 'dance'")]
    [InlineData("time\tsubject\tmany\t1", "failed\tFormatException: ")]
    [InlineData("check\tsubject", "failed\tArgumentOutOfRangeException: ")]
    public void Nonsense_is_answered_and_does_not_end_the_worker(string request, string answer)
    {
        var answers = Serve(request, "hello");
        answers[0].ShouldStartWith(answer);
        answers[1].ShouldBe("ok\tname=1.0");
    }

    private static string[] Serve(params string[] requests)
    {
        var answers = new StringWriter();
        WorkerHost.Serve(new ScriptedWorker(), new StringReader(string.Join('\n', requests)), answers);
        return answers.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private sealed class ScriptedWorker : IWorker
    {
        public IEnumerable<string> Hello() => ["name=1.0"];

        public void Prepare(string workload, IReadOnlyList<string> arrays)
        {
            if (workload == "refused")
            {
                throw new RefusedException("not this one");
            }

            if (workload == "failed")
            {
                throw new InvalidOperationException("first\nsecond");
            }
        }

        public string Check(string subject, int threads, long stride, string path) => $"{subject} on {threads} threads, every {stride}st to {path}";

        public (double Nanoseconds, long Calls) Time(string subject, int threads, double milliseconds) => (milliseconds, 3);

        public double Cold(int operations, int number) => operations + number;

        public IEnumerable<string> Figures(IReadOnlyList<string> arguments) => arguments;

        public void Release()
        {
            // Nothing is held.
        }
    }
}
