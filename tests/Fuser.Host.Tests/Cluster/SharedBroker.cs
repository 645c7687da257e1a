using Fuser.RabbitMqTesting;

namespace Fuser.Host.Tests.Cluster;

/// <summary>One broker for all tests that do not stop it.</summary>
public sealed class SharedBroker : IAsyncLifetime
{
    private readonly Broker _broker = new();

    public string Uri => _broker.Uri;

    public Task InitializeAsync() => Broker.Missing is null ? _broker.StartAsync() : Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();
}

[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<SharedBroker>
{
    public const string Name = "cluster";
}

/// <summary>A test that needs a broker.</summary>
internal sealed class BrokerFactAttribute : FactAttribute
{
    public BrokerFactAttribute() => Skip = Broker.Missing;
}
