using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json;
using Fuser.Actors;
using Fuser.Actors.TestKit;
using Fuser.Host.Cluster;
using Fuser.Host.Cluster.Wire;
using Fuser.Host.Npy;
using Fuser.Host.Tests.Corpus;
using Fuser.Kernels;
using Fuser.Kernels.Graphs.Text;
using Fuser.Kernels.Tensors;
using Fuser.RabbitMqTesting;
using Google.Protobuf;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Fuser.Host.Tests.Cluster;

/// <summary>Nodes in processes of their own and a real broker: every answer right, each once, whatever is killed meanwhile.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ClusterTests(SharedBroker broker)
{
    private static readonly TimeSpan Patience = ActorTestKit.HangLimit;

    private readonly string _name = $"test-{Guid.NewGuid():n}";

    [BrokerFact]
    public async Task The_corpus_through_two_nodes_has_the_bits_of_a_local_run()
    {
        await using var first = await NodeProcess.StartAsync(broker.Uri, _name, "first");
        await using var second = await NodeProcess.StartAsync(broker.Uri, _name, "second");
        await using var cluster = await ConnectAsync();
        await using var local = await FuserSystem.StartAsync();
        await Parallel.ForEachAsync(CorpusCase.All(), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (entry, token) =>
        {
            var (name, file) = entry;
            var @case = CorpusCase.Load(name);
            var graph = GraphText.Parse(await File.ReadAllTextAsync(Path.Combine(@case.Folder, file), token), limits: null, token);
            var inputs = Host.Inputs.InputBinder.Bind(graph, @case.Values, NpyReader.Load);
            var options = new RunOptions { Seed = 7 };
            var wanted = await (await local.RegisterAsync(graph, token)).RunAsync(inputs, options, token);
            var got = await (await cluster.RegisterAsync(graph, token)).RunAsync(inputs, options, token);
            got.Length.ShouldBe(wanted.Length);
            for (var i = 0; i < got.Length; i++)
            {
                got[i].ShouldHaveTheBitsOf(wanted[i], $"{name}/{file}, output {i}");
            }
        });

        // Both nodes have worked, and are seen to be there.
        foreach (var node in (NodeProcess[])[first, second])
        {
            using var client = new HttpClient { BaseAddress = new Uri(node.Address) };
            var statistics = JsonDocument.Parse(await client.GetStringAsync("/v1/statistics")).RootElement;
            statistics.GetProperty("requests").GetProperty("done").GetInt64().ShouldBeGreaterThan(0, node.Log);
            var nodes = JsonDocument.Parse(await client.GetStringAsync("/v1/nodes")).RootElement.GetProperty("nodes");
            nodes.EnumerateArray().Select(entry => entry.GetProperty("name").GetString()).Order().ShouldBe(["first", "second"]);
        }
    }

    [BrokerFact]
    public async Task The_command_line_runs_benches_and_lists()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "only");
        var @case = CorpusCase.Load("matmul_then_pointwise");
        string[] inputs = [.. @case.Values.SelectMany(value => (string[])["-i", value])];
        using var directory = new TemporaryDirectory();
        (await ToolAsync(["run", Path.Combine(@case.Folder, "graph.ir"), .. inputs, "-o", directory.Of("far"), "--cluster", broker.Uri])).ShouldSucceed();
        (await ToolRun.InProcessAsync(["run", Path.Combine(@case.Folder, "graph.ir"), .. inputs, "-o", directory.Of("near")])).ShouldSucceed();
        (await File.ReadAllBytesAsync(directory.Of("far/out_0.npy"))).ShouldBe(await File.ReadAllBytesAsync(directory.Of("near/out_0.npy")));

        var bench = (await ToolAsync(["bench", Path.Combine(@case.Folder, "graph.ir"), .. inputs, "--cluster", broker.Uri, "--seconds", "0.2", "--json"])).ShouldSucceed();
        bench.Json.GetProperty("median_us").GetDouble().ShouldBeGreaterThan(0);

        var nodes = (await ToolAsync(["nodes", "--cluster", broker.Uri, "--json"])).ShouldSucceed().Json.GetProperty("nodes");
        nodes.GetArrayLength().ShouldBe(1);
        nodes[0].GetProperty("name").GetString().ShouldBe("only");
        nodes[0].GetProperty("state").GetString().ShouldBe("ready");
        nodes[0].GetProperty("devices").EnumerateArray().Select(device => device.GetString()).ShouldContain("cpu");
    }

    [BrokerFact]
    public async Task A_node_killed_among_requests_costs_no_answer()
    {
        await using var first = await NodeProcess.StartAsync(broker.Uri, _name, "first");
        var second = await NodeProcess.StartAsync(broker.Uri, _name, "second");
        await using var cluster = await ConnectAsync();
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        await AnswersAsync(function, 400, async answered =>
        {
            if (answered == 100)
            {
                await second.KillAsync();
            }
        });
        await second.DisposeAsync();
    }

    [BrokerFact]
    public async Task A_broker_killed_among_requests_costs_no_answer()
    {
        await using var own = new Broker();
        await own.StartAsync();
        await using var node = await NodeProcess.StartAsync(own.Uri, _name, "only");
        await using var cluster = await FuserCluster.ConnectAsync(own.Uri, new FuserClusterOptions { Name = _name, ConnectTimeout = Patience });
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        await AnswersAsync(function, 300, async answered =>
        {
            if (answered == 100)
            {
                await own.KillAsync();
                using var client = new HttpClient { BaseAddress = new Uri(node.Address) };
                await UntilAsync(async () => (await client.GetStringAsync("/health/ready")).Contains("\"degraded\"", StringComparison.Ordinal));
                await own.StartAsync();
            }
        });
    }

    [BrokerFact]
    public async Task Large_arrays_are_fetched_from_who_holds_them()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "only", "--set", "fuser.cluster.max-inline-bytes=1KiB");
        await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, new FuserClusterOptions { Name = _name, MaxInlineBytes = 1024, ConnectTimeout = Patience });
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        var x = Enumerable.Range(0, 3_000_000).Select(i => i * 0.5f).ToArray();
        var strided = NdArray.From(x.AsMemory(), new TensorLayout([1_000_000], [3], 1));
        foreach (var (input, wanted) in new[] { (NdArray.From(x), x), (strided, strided.ToArray<float>()) })
        {
            var result = await function.RunAsync(new FuserValue[] { input, 2.0 });
            result[0].ToArray<float>().ShouldBe([.. wanted.Select(value => value * 2)]);
        }

        // Into the caller's memory, with strides of its own.
        var room = NdArray.From(new float[3_000_000].AsMemory(), new TensorLayout([1_000_000], [-3], 2_999_999));
        await function.RunAsync(new FuserValue[] { strided, 2.0 }, new[] { room });
        room.ToArray<float>().ShouldBe([.. strided.ToArray<float>().Select(value => value * 2)]);
        cluster.Held.Bytes.ShouldBe(0);
    }

    [BrokerFact]
    public async Task A_large_run_is_shared_by_the_nodes_and_survives_the_loss_of_one()
    {
        await using var first = await NodeProcess.StartAsync(broker.Uri, _name, "first");
        await using var second = await NodeProcess.StartAsync(broker.Uri, _name, "second");
        await using var cluster = await FuserCluster.ConnectAsync(broker.Uri, new FuserClusterOptions { Name = _name, SplitOverBytes = 1 << 18, ConnectTimeout = Patience });
        await using var local = await FuserSystem.StartAsync();
        var graph = GraphText.Parse("""
            graph(%x : Tensor, %w : Tensor):
              %axis : int = prim::Constant[value=-1]()
              %none : NoneType = prim::Constant()
              %p : Tensor = aten::softmax(%x, %axis, %none)
              %y : Tensor = aten::mul(%p, %w)
              return (%y)
            """);
        FuserValue[] inputs = [NdArray.From(Enumerable.Range(0, 3001 * 500).Select(i => (i % 997) * 0.01f).ToArray(), 3001, 500), NdArray.From(Enumerable.Range(0, 500).Select(i => i * 0.5f).ToArray())];
        var wanted = (await (await local.RegisterAsync(graph)).RunAsync(inputs))[0];
        var function = await cluster.RegisterAsync(graph);
        for (var turn = 0; turn < 3; turn++)
        {
            var running = function.RunWithReportAsync(inputs).AsTask();
            if (turn == 1)
            {
                await second.KillAsync();
            }

            var report = await running;
            report.Outputs[0].ShouldHaveTheBitsOf(wanted, $"turn {turn}");
            report.Steps[0].ShouldBe("47 parts of up to 65 of 3001 rows, by the nodes of the cluster");
        }
    }

    [BrokerFact]
    public async Task Errors_come_back_as_what_they_were()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "only");
        await using var cluster = await ConnectAsync();
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        (await Should.ThrowAsync<InputException>(async () => await function.RunAsync(new FuserValue[] { 1.0 }))).Code.ShouldBe(ErrorCodes.InputCount);
        Should.Throw<GraphException>(() => GraphText.Parse("graph(%x : Tensor):\n  %y : Tensor = aten::frobnicate(%x)\n  return (%y)\n") is { } graph ? cluster.RegisterAsync(graph).AsTask() : Task.CompletedTask);
        var select = await cluster.RegisterAsync(GraphText.Parse("graph(%x : Tensor, %i : Tensor):\n  %0 : int = prim::Constant[value=0]()\n  %y : Tensor = aten::index_select(%x, %0, %i)\n  return (%y)\n"));
        (await Should.ThrowAsync<InputException>(async () => await select.RunAsync(new FuserValue[] { NdArray.From(new float[3]), NdArray.From([9L]) }))).Code.ShouldBe(ErrorCodes.InvalidValue);
        await function.WarmUpAsync(new FuserValue[] { NdArray.From(new float[7]), 1.0 });
        (await function.RunWithReportAsync(new FuserValue[] { NdArray.From(new float[9]), 1.0 })).Kernels.ShouldHaveSingleItem().Cached.ShouldBeTrue();
        (await Should.ThrowAsync<InputException>(async () => await function.RunAsync(new FuserValue[] { NdArray.From(new float[9]), 1.0 }, new RunOptions { Device = "abacus" }))).Code.ShouldBe(ErrorCodes.UnknownDevice);
    }

    [BrokerFact]
    public async Task A_request_that_nobody_survives_ends_in_the_dead_letter_queue_and_with_its_caller()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "witness");
        await using var cluster = await ConnectAsync();

        // No node has such a device; this consumer stands for nodes that take the request and die.
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var taken = 0;
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            Interlocked.Increment(ref taken);
            await channel.BasicNackAsync(delivery.DeliveryTag, multiple: false, requeue: true);
        };
        await channel.BasicConsumeAsync($"fuser.{_name}.work.cuda", autoAck: false, consumer);
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        var error = await Should.ThrowAsync<FuserException>(async () => await function.RunAsync(new FuserValue[] { NdArray.From(new float[3]), 1.0 }, new RunOptions { Device = "cuda" }));
        error.Code.ShouldBe(ErrorCodes.PoisonRequest);
        error.Message.ShouldContain($"fuser.{_name}.dead");
        taken.ShouldBe(6);
        (await channel.QueueDeclarePassiveAsync($"fuser.{_name}.dead")).MessageCount.ShouldBe(1u);
    }

    [BrokerFact]
    public async Task A_request_that_comes_again_is_answered_and_not_done_again()
    {
        await using var node = await NodeProcess.StartAsync(broker.Uri, _name, "only");
        await using var cluster = await ConnectAsync();
        var local = await cluster.RegisterAsync(GraphText.Parse(Scale));
        await local.RunAsync(new FuserValue[] { NdArray.From(new float[] { 1 }), 3.0 });

        var replies = new ConcurrentQueue<RunReply>();
        var three = new TaskCompletionSource();
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = await channel.QueueDeclareAsync();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            replies.Enqueue(RunReply.Parser.ParseFrom(delivery.Body.Span));
            if (replies.Count == 3)
            {
                three.TrySetResult();
            }

            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue.QueueName, autoAck: true, consumer);
        var id = Guid.NewGuid();
        var request = new RunRequest
        {
            Version = 1,
            Id = ByteString.CopyFrom(id.ToByteArray()),
            GraphKey = Host.Node.GraphIdentity.KeyOf(local.Graph, local.Key),
            GraphText = Scale,
            Deadline = TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeMilliseconds(),
        };
        request.Inputs.Add(new Value { Number = 2.0 });
        request.Inputs.Insert(0, new Value { Tensor = new Tensor { Type = ElementType.Float32, Inline = ByteString.CopyFrom(BitConverter.GetBytes(21f)), Shape = { 1 } } });
        foreach (var version in (uint[])[1, 1, 2])
        {
            request.Version = version;
            await channel.BasicPublishAsync("", $"fuser.{_name}.work.cpu", false, new BasicProperties { CorrelationId = id.ToString(), ReplyTo = queue.QueueName }, request.ToByteArray());
        }

        await three.Task.WaitAsync(Patience);
        replies.Count(reply => reply.Result?.Outputs[0].Inline.Span.SequenceEqual(BitConverter.GetBytes(42f)) == true).ShouldBe(2);
        replies.Single(reply => reply.Error is not null).Error.Message.ShouldContain("version 2");
        using var client = new HttpClient { BaseAddress = new Uri(node.Address) };
        JsonDocument.Parse(await client.GetStringAsync("/v1/statistics")).RootElement.GetProperty("runtime").GetProperty("runs").GetInt64().ShouldBe(2);
    }

    [BrokerFact]
    public async Task Results_that_are_lost_with_their_node_are_made_again()
    {
        await using var cluster = await ConnectAsync();

        // Stands for a node that answers, and is gone before its array is fetched; the next one has the array in its answer.
        await using var connection = await new ConnectionFactory { Uri = new Uri(broker.Uri) }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var seeds = new List<long>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            var request = RunRequest.Parser.ParseFrom(delivery.Body.Span);
            seeds.Add(request.Settings.Seed);
            var output = new Tensor { Type = ElementType.Float32, Shape = { 1 } };
            if (seeds.Count == 1)
            {
                output.Reference = new Reference { Length = 4, Sha256 = ByteString.CopyFrom(new byte[32]), Url = $"http://127.0.0.1:9/v1/arrays/{new string('0', 64)}" };
            }
            else
            {
                output.Inline = ByteString.CopyFrom(BitConverter.GetBytes(6f));
            }

            var reply = new RunReply { Version = 1, Id = request.Id, Node = "gone", Result = new RunResult { Outputs = { output } } };
            var properties = new BasicProperties { CorrelationId = delivery.BasicProperties.CorrelationId };
            var caller = delivery.BasicProperties.ReplyTo!;
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
            await channel.BasicPublishAsync("", caller, false, properties, reply.ToByteArray());
        };
        await channel.BasicConsumeAsync($"fuser.{_name}.work.cuda", autoAck: false, consumer);
        var function = await cluster.RegisterAsync(GraphText.Parse(Scale));
        var result = await function.RunAsync(new FuserValue[] { NdArray.From(new float[] { 2 }), 3.0 }, new RunOptions { Device = "cuda" });
        result[0].ToArray<float>().ShouldBe([6f]);
        seeds.Count.ShouldBe(2);
        seeds[1].ShouldBe(seeds[0]);
    }

    [BrokerFact]
    public async Task A_broker_that_is_not_there_or_refuses_is_a_named_error()
    {
        var refused = await Should.ThrowAsync<FuserException>(async () => await FuserCluster.ConnectAsync($"{broker.Uri.Replace("amqp://", "amqp://stranger:secret-word@")}", new FuserClusterOptions { ConnectTimeout = TimeSpan.FromSeconds(2) }));
        refused.Code.ShouldBe(ErrorCodes.BrokerUnavailable);
        refused.Message.ShouldNotContain("secret-word");
        (await ToolRun.InProcessAsync("nodes", "--cluster", "http://127.0.0.1")).ShouldRefuse(ErrorCodes.ConfigurationValue, "amqp://");
    }

    private const string Scale = """
        graph(%x : Tensor, %s : float):
          %y : Tensor = aten::mul(%x, %s)
          return (%y)
        """;

    private async Task<FuserCluster> ConnectAsync() => await FuserCluster.ConnectAsync(broker.Uri, new FuserClusterOptions { Name = _name, ConnectTimeout = Patience });

    /// <summary>The command line in a process of its own, as it reads the cluster's name from the environment.</summary>
    private Task<ToolRun> ToolAsync(string[] arguments) => ToolRun.InChildAsync(new Dictionary<string, string> { ["FUSER__CLUSTER__NAME"] = _name }, arguments);

    /// <summary>Many callers at once; each answer is checked.</summary>
    private static async Task AnswersAsync(FusedFunction function, int requests, Func<int, Task> between)
    {
        var answered = 0;
        var next = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            while (Interlocked.Increment(ref next) is var number && number <= requests)
            {
                var input = Enumerable.Range(0, 50).Select(i => (float)(i + number)).ToArray();
                ImmutableArray<NdArray> result = await function.RunAsync(new FuserValue[] { NdArray.From(input), (double)number });
                result[0].ToArray<float>().ShouldBe([.. input.Select(value => value * number)]);
                await between(Interlocked.Increment(ref answered));
            }
        })).WaitAsync(Patience + Patience);
        answered.ShouldBe(requests);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
